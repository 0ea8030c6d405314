/** The service worker: the shell of the app without a network, and word of a newer version. */
import { translate } from '../lib/i18n'
import { workerScript } from '../lib/news/worker-script'
import { notify } from '../lib/toast'

const lookEvery = 60 * 60_000

/** Starts it where the browser has one: on https, and on the own machine. A page without it does all but open offline. */
export async function keepShell() {
  const container = navigator.serviceWorker
  if (!container) return
  const registration = await container.register(workerScript('service')).catch(() => undefined)
  if (!registration) return

  const offer = (worker: ServiceWorker) =>
    notify(translate('app.newVersion'), {
      duration: Number.POSITIVE_INFINITY,
      action: { label: translate('app.newVersion.take'), perform: () => take(worker) },
    })
  // The first of all takes over at once: it is no newer version of anything.
  if (registration.waiting && container.controller) offer(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed' && container.controller) offer(worker)
    })
  })

  let lookedAt = Date.now()
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || Date.now() - lookedAt < lookEvery) return
    lookedAt = Date.now()
    void registration.update().catch(() => undefined)
  })
}

/** Nothing is lost by the reload: drafts and positions are kept, and answers belong to the server. */
function take(worker: ServiceWorker) {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  worker.postMessage('take over')
}
