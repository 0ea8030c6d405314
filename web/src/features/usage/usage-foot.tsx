import { useEffect } from 'react'
import { useStore } from 'zustand'
import { whenIdle } from '../../lib/when-idle'
import { usageCode } from './pieces'

/** Where the meter stands. Its code and its figure are asked for when the page is quiet. */
export function UsageFoot({ onGo }: { onGo?: (() => void) | undefined }) {
  const code = useStore(usageCode.held, ({ code }) => code)
  useEffect(() => whenIdle(usageCode.preload, 2_500), [])
  return code ? <code.UsageMeter onGo={onGo} /> : null
}
