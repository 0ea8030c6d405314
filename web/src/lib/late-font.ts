import { store } from './storage'

/**
 * Fetches the font that the first page on a phone goes without: over a slow line, what there is to read comes before how it
 * looks. From then on it lies in the browser, and the script in index.html asks for it with the page. The attribute holds the
 * address of the font, which changes with the font; the words stand in a face of the same measures until it is gone.
 */
export async function takeLateFont() {
  const root = document.documentElement
  const font = root.dataset.font
  if (!font) return
  const faces = await document.fonts.load('1em "Inter Variable"').catch(() => [])
  if (faces.length === 0) return
  delete root.dataset.font
  store('colloquy.font', font)
}
