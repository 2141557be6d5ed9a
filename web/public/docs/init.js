// The API's description, drawn by Swagger UI. Who is signed in on the map may try it: the page's token goes with each request.
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  docExpansion: 'list',
  validatorUrl: null,
  requestInterceptor: (request) => {
    const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)
    if (token) request.headers['X-CSRFToken'] = token[1]
    return request
  },
})
