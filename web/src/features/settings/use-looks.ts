import { useState } from 'react'
import { announce } from '../../lib/announce'
import { translate } from '../../lib/i18n'
import { chooseLook } from '../accounts/looks'
import type { Chosen } from '../accounts/types'

/** Keeps what is picked, and says so. */
export function useLooks() {
  const [saved, setSaved] = useState(false)

  async function pick(chosen: Chosen) {
    setSaved(false)
    if (!(await chooseLook(chosen))) return
    setSaved(true)
    announce(translate('app.saved'))
  }

  return { saved, pick }
}
