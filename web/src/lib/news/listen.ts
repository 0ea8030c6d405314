/** Listening to what concerns the person: through the worker that all tabs share, or, without one, while visible. */
import { refreshSession } from '../refresh'
import { type FromTab, type News, newsHub, type ToTab } from './hub'
import { openNews } from './open'
import { workerScript } from './worker-script'

type Line = { say: (said: FromTab) => void; close: () => void }

let up = false

/** Whether hidden tabs learn what happens too: then they need no connections of their own. */
export const isHeardWhileHidden = () => up && 'SharedWorker' in globalThis

/** Listens in the name of a person until the returned function is called. */
export function listenToNews(person: number, onNews: (news: News) => void): () => void {
  const line = 'SharedWorker' in globalThis ? throughWorker(hear) : whileVisible(hear)
  function hear(message: ToTab) {
    if ('news' in message) onNews(message.news)
    else if ('up' in message) up = message.up
    else void refreshSession(message.expired).then((outcome) => line.say(outcome))
  }
  const listen = () => line.say({ listen: person })
  const leave = () => line.say('leave')
  listen()
  addEventListener('pagehide', leave)
  addEventListener('pageshow', listen)
  return () => {
    removeEventListener('pagehide', leave)
    removeEventListener('pageshow', listen)
    leave()
    line.close()
    up = false
  }
}

function throughWorker(hear: (message: ToTab) => void): Line {
  const { port } = new SharedWorker(workerScript('news'), { type: 'module', name: 'colloquy-news' })
  port.onmessage = ({ data }) => hear(data)
  return { say: (said) => port.postMessage(said), close: () => port.close() }
}

function whileVisible(hear: (message: ToTab) => void): Line {
  const hub = newsHub({ open: openNews })
  let wanted: FromTab = 'leave'
  const change = () => hub.hear(hear, document.hidden ? 'leave' : wanted)
  document.addEventListener('visibilitychange', change)
  return {
    say(said) {
      if (typeof said === 'object' || said === 'leave') {
        wanted = said
        change()
      } else hub.hear(hear, said)
    },
    close: () => document.removeEventListener('visibilitychange', change),
  }
}
