// Starts the page: fonts, words, who is asking; the map itself comes in its own chunk.
import { createApp } from 'vue'
import './design/fonts.css'
import './design/tokens.css'
import './design/base.css'
import App from './App.vue'
import { i18n, remembered, setLanguage } from './i18n'

void setLanguage(remembered).catch(() => {}).then(() => createApp(App).use(i18n).mount('#app'))
