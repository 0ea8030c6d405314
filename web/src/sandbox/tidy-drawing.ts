/** A drawing as a file: well-formed, of a known size, without what could do anything. */

import { themeOf } from './theme'

const dead = 'script, iframe, object, embed, audio, video, animate, set, animateTransform, animateMotion, link, meta'

export function tidyDrawing(text: string, dark: boolean) {
  // A document of its own: there nothing is loaded or run while it is looked through.
  const svg = new DOMParser().parseFromString(text, 'text/html').querySelector('svg')
  if (!svg) throw new Error('no drawing')
  for (const node of svg.querySelectorAll(dead)) node.remove()
  for (const node of [svg, ...svg.querySelectorAll('*')]) tidyAttributes(node)
  // A link in an image leads nowhere: its words stay.
  for (const link of svg.querySelectorAll('a')) link.replaceWith(...link.childNodes)

  document.body.append(svg)
  const { width, height } = sizeOf(svg)
  svg.remove()
  svg.setAttribute('width', String(width))
  svg.setAttribute('height', String(height))
  svg.style.maxWidth = ''
  svg.style.backgroundColor = themeOf(dark).background
  const title = [svg.querySelector(':scope > title'), svg.querySelector(':scope > desc')]
    .map((node) => node?.textContent?.trim() ?? '')
    .filter(Boolean)
    .join('. ')
  return { svg: new XMLSerializer().serializeToString(svg), width, height, title: title.slice(0, 1_000) }
}

function tidyAttributes(node: Element) {
  for (const { name, value } of [...node.attributes]) {
    const isLink = /^(xlink:)?href$/i.test(name) || name === 'src'
    const leadsOut = isLink && !value.startsWith('#')
    const loads = /url\(\s*['"]?(?!#)/i.test(value)
    if (/^on/i.test(name) || leadsOut || loads) node.removeAttribute(name)
  }
}

function sizeOf(svg: SVGSVGElement) {
  const [, , width = 0, height = 0] = (svg.getAttribute('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number)
  if (width > 0 && height > 0) return { width: Math.ceil(width), height: Math.ceil(height) }
  const box = svg.getBBox()
  svg.setAttribute('viewBox', [box.x, box.y, box.width, box.height].map(Math.ceil).join(' '))
  return { width: Math.max(1, Math.ceil(box.width)), height: Math.max(1, Math.ceil(box.height)) }
}
