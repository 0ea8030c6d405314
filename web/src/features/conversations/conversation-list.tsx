import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import { Delayed } from '../../components/delayed'
import { Button } from '../../components/ui/button'
import { dayGroup } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { ConversationItem } from './conversation-item'
import { groups } from './groups'
import { Favorites, Groups } from './groups-list'
import { conversations } from './queries'
import { Rows } from './rows'
import type { Conversation } from './types'

const heading = 'px-2 pt-4 pb-1 font-medium text-muted text-xs'
const widths = [72, 54, 88, 63, 79, 46, 84, 58]

/**
 * The favourites, the groups, and under the day of their last activity all that is neither. Older ones are read when the
 * end comes into view.
 */
export function ConversationList({ onGo }: { onGo?: () => void }) {
  const t = useTranslate()
  const { data, isPending, isError, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...conversations,
    // Answers that run elsewhere end without a word to this tab.
    refetchInterval: (query) =>
      query.state.data?.pages[0]?.items.some((one) => one.running_turn_id !== null) ? 4_000 : false,
  })
  const draw = useCallback(
    (one: Conversation) => <ConversationItem key={one.id} held={one} section="day" onGo={onGo} />,
    [onGo],
  )
  const held = data?.pages.flatMap((page) => page.items) ?? []
  const { data: known, isError: isWithoutGroups } = useQuery(groups)
  const ids = new Set(known?.map(({ id }) => id))
  // Until the groups are there, what is in one waits for its own.
  const isGrouped = ({ group_id }: Conversation) => group_id !== null && (known ? ids.has(group_id) : !isWithoutGroups)

  if (isPending)
    return (
      <Delayed>
        <div aria-hidden="true" className="flex flex-col gap-4 px-2 py-3">
          {widths.map((width) => (
            <div key={width} className="skeleton h-3.5" style={{ width: `${width}%` }} />
          ))}
        </div>
      </Delayed>
    )
  if (isError)
    return (
      <div className="flex flex-col items-start gap-2 p-2 text-muted">
        {t('sidebar.failed')}
        <Button size="sm" onClick={() => void refetch()}>
          {t('app.retry')}
        </Button>
      </div>
    )
  if (held.length === 0 && !known?.length) return <p className="p-2 text-muted">{t('sidebar.empty')}</p>

  return (
    <>
      <Favorites onGo={onGo} />
      <Groups held={known ?? []} onGo={onGo} />
      {[...byDay(held.filter((one) => !one.favorite && !isGrouped(one)))].map(([day, items]) => (
        <section key={day} aria-label={day}>
          <h2 className={heading}>{day}</h2>
          <Rows held={items} draw={draw} />
        </section>
      ))}
      {hasNextPage ? (
        <More busy={isFetchingNextPage} onMore={() => void fetchNextPage()} label={t('sidebar.more')} />
      ) : null}
    </>
  )
}

function byDay(held: Conversation[]): Map<string, Conversation[]> {
  const groups = new Map<string, Conversation[]>()
  for (const one of held) {
    const day = dayGroup(one.last_activity_at)
    const items = groups.get(day)
    if (items) items.push(one)
    else groups.set(day, [one])
  }
  return groups
}

function More({ busy, onMore, label }: { busy: boolean; onMore: () => void; label: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!place.current || busy) return
    const watcher = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore())
    watcher.observe(place.current)
    return () => watcher.disconnect()
  }, [busy, onMore])
  return (
    <div ref={place} className="p-2">
      <Button size="sm" variant="ghost" loading={busy} onClick={onMore}>
        {label}
      </Button>
    </div>
  )
}
