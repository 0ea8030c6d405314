/** The pages that show the API: each draws one document with its tool, and a choice among all of them above it. */
const body = document.getElementById('reference')
const choice = document.getElementById('documents')

function isDark() {
  let chosen = {}
  try {
    chosen = JSON.parse(localStorage.getItem('colloquy.preferences')) || chosen
  } catch {}
  return chosen.theme === 'dark' || (chosen.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
}

const darkColours = {
  primary: { main: '#9db2ff' },
  success: { main: '#5fd39a' },
  warning: { main: '#e5b567' },
  error: { main: '#ff8f8f' },
  border: { dark: '#3a3e49', light: '#2a2d35' },
  text: { primary: '#e8e9ed', secondary: '#b4b8c4' },
  responses: {
    success: { color: '#5fd39a', backgroundColor: '#16251e', tabTextColor: '#5fd39a' },
    error: { color: '#ff8f8f', backgroundColor: '#2b1a1d', tabTextColor: '#ff8f8f' },
    redirect: { color: '#e5b567', backgroundColor: '#29231a', tabTextColor: '#e5b567' },
    info: { color: '#9db2ff', backgroundColor: '#1a2033', tabTextColor: '#9db2ff' },
  },
}

const darkTheme = {
  colors: darkColours,
  schema: { nestedBackground: '#16181d', linesColor: '#3a3e49', typeNameColor: '#b4b8c4', typeTitleColor: '#b4b8c4' },
  sidebar: { backgroundColor: '#141519', textColor: '#e8e9ed' },
  rightPanel: { backgroundColor: '#141519', textColor: '#e8e9ed' },
  codeBlock: { backgroundColor: '#0e0f12' },
  typography: {
    code: { color: '#f0a3bd', backgroundColor: '#1b1d22' },
    links: { color: '#9db2ff', visited: '#9db2ff', hover: '#c3d0ff' },
  },
}

const draw = {
  swagger: (url) =>
    globalThis.SwaggerUIBundle({
      url,
      domNode: body,
      deepLinking: true,
      docExpansion: 'list',
      validatorUrl: null,
      presets: [globalThis.SwaggerUIBundle.presets.apis],
      layout: 'BaseLayout',
    }),
  redoc: (url, dark) =>
    globalThis.Redoc.init(url, { nativeScrollbars: true, scrollYOffset: '#head', theme: dark ? darkTheme : {} }, body),
}

const dark = isDark()
document.documentElement.classList.toggle('dark-mode', dark)
const { documents } = await (await fetch('/api')).json()
const asked = new URLSearchParams(location.search).get('api')
const shown = documents.find(({ name }) => name === asked) ?? documents[0]
for (const { name, title } of documents) choice.append(new Option(title, name, false, name === shown.name))
for (const link of document.querySelectorAll('nav a')) link.search = `?api=${shown.name}`
choice.addEventListener('change', () => location.assign(`${location.pathname}?api=${choice.value}`))
draw[document.body.dataset.tool](shown.path, dark)
