// Starts the page: fonts, words, who is asking; the map itself comes in its own chunk.
import { createApp } from 'vue'
import './design/fonts.css'
import './design/tokens.css'
import './design/base.css'
import App from './App.vue'
import { i18n, language, setLanguage } from './i18n'

setLanguage(language())
createApp(App).use(i18n).mount('#app')
