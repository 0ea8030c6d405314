/**
 * The page that shows an image of another host, after a person asked for it: the only document of the product that may load
 * one. It has no origin and runs nothing but this.
 */
import type { PictureFailure, PictureReply, PictureRequest, Ready } from './messages'

const say = (message: Ready | PictureReply | PictureFailure) => parent.postMessage(message, '*')

addEventListener('message', ({ source, data }: MessageEvent<PictureRequest>) => {
  if (source !== parent || !/^https?:/i.test(data.address)) return
  const image = new Image()
  image.referrerPolicy = 'no-referrer'
  image.alt = ''
  image.onload = () => say({ width: image.naturalWidth, height: image.naturalHeight })
  image.onerror = () => say({ error: true })
  image.src = data.address
  image.style.cssText = 'display:block;width:100%;height:100vh;object-fit:contain'
  document.body.replaceChildren(image)
})
say({ ready: true })
