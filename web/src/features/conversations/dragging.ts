/** Conversations that are dragged onto a group. */
import { type DragEvent, useState } from 'react'
import { heldConversation } from './queries'
import { useSelection } from './selection'
import { useOrganise } from './use-organise'

const kind = 'application/x-colloquy-conversations'

/** Takes a conversation along, and all that are selected if it is one of them. */
export function drag(event: DragEvent, id: number) {
  const { ids } = useSelection.getState()
  event.dataTransfer.setData(kind, JSON.stringify(ids.has(id) ? [...ids] : [id]))
}

/** What makes an element take conversations into a group. */
export function useDrop(group: number) {
  const organise = useOrganise()
  const [isOver, setOver] = useState(false)
  return {
    isOver,
    onDragOver(event: DragEvent) {
      if (!event.dataTransfer.types.includes(kind)) return
      event.preventDefault()
      setOver(true)
    },
    onDragLeave(event: DragEvent) {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
    },
    onDrop(event: DragEvent) {
      setOver(false)
      const said = event.dataTransfer.getData(kind)
      if (!said) return
      event.preventDefault()
      const ids: number[] = JSON.parse(said)
      const held = ids.flatMap((id) => heldConversation(id) ?? []).filter((one) => one.group_id !== group)
      if (held.length > 0) organise(held, { move: group })
    },
  }
}
