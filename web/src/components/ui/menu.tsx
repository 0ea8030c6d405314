import { Check, ChevronRight } from 'lucide-react'
import {
  type ComponentProps,
  cloneElement,
  createContext,
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
  type RefObject,
  use,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react'
import { piece, usePiece } from '../../lib/piece'
import { cn } from '../../lib/utils'
import type { Parts } from './menu-parts'

/** Buttons of menus are on every page, and open menus on none that is new: what they are made of comes after it. */
const menuParts = piece(() => import('./menu-parts'))

/** Fetches what menus are made of before one is opened. */
export const preloadMenus = menuParts.preload

type Held = {
  open: boolean
  setOpen: (open: boolean) => void
  /** Somebody is about to open it, or has. */
  wanted: boolean
  want: () => void
  trigger: RefObject<HTMLButtonElement | null>
  id: string
}

const Held = createContext<Held | null>(null)

function useHeld(): Held {
  const held = use(Held)
  if (!held) throw new Error('outside of a menu')
  return held
}

/** The landmark of its button is also where a menu stands: who looks for it by landmarks finds it there. */
const useLandmark = () => useHeld().trigger.current?.closest('main, nav') ?? null

/** Where the parts are drawn they have been loaded. */
function useParts(): typeof Parts {
  const code = usePiece(menuParts)
  if (!code) throw new Error('outside of an open menu')
  return code.Parts
}

type MenuProps = { open?: boolean; onOpenChange?: (open: boolean) => void; children: ReactNode }

export function Menu({ open: told, onOpenChange, children }: MenuProps) {
  const [own, setOwn] = useState(false)
  const [wanted, setWanted] = useState(false)
  const trigger = useRef<HTMLButtonElement>(null)
  const id = useId()
  const open = told ?? own
  const changed = useRef(onOpenChange)
  useEffect(() => {
    changed.current = onOpenChange
  })

  const held = useMemo(
    (): Held => ({
      open,
      setOpen(next) {
        setOwn(next)
        changed.current?.(next)
      },
      wanted: wanted || open,
      want: () => setWanted(true),
      trigger,
      id,
    }),
    [open, wanted, id],
  )
  return <Held value={held}>{children}</Held>
}

type MenuTriggerProps = ComponentProps<'button'> & { asChild?: boolean }

/** The button that opens the menu, or, with `asChild`, what makes its one child such a button. */
export function MenuTrigger({ asChild, children, ...props }: MenuTriggerProps) {
  const { open, setOpen, want, trigger, id } = useHeld()
  const own = {
    ...props,
    ref: trigger,
    id: `${id}-button`,
    'aria-haspopup': 'menu',
    'aria-expanded': open,
    'aria-controls': open ? `${id}-menu` : undefined,
    'data-state': open ? 'open' : 'closed',
    // The keys by which it is opened say where the focus goes, so its parts should be there before them.
    onFocus: want,
    onPointerEnter: want,
    onPointerDown(event: PointerEvent) {
      if (props.disabled || event.button !== 0 || event.ctrlKey) return
      setOpen(!open)
      // The focus goes into the menu.
      if (!open) event.preventDefault()
    },
    onKeyDown(event: KeyboardEvent) {
      if (props.disabled || !['Enter', ' ', 'ArrowDown'].includes(event.key)) return
      setOpen(event.key === 'ArrowDown' || !open)
      event.preventDefault()
    },
  } as const
  if (asChild) return cloneElement(children as ReactElement<typeof own>, own)
  return (
    <button type="button" {...own}>
      {children}
    </button>
  )
}

const box =
  'fade-in-0 zoom-in-95 data-[state=closed]:fade-out-0 z-50 max-h-(--radix-popper-available-height) min-w-44 origin-(--radix-popper-transform-origin) animate-in overflow-y-auto rounded-card border border-border bg-elevated p-1 text-fg shadow-md data-[state=closed]:animate-out'

type MenuContentProps = ComponentProps<typeof Parts.Content>

export function MenuContent(props: MenuContentProps) {
  return useHeld().wanted ? <WantedContent {...props} /> : null
}

/**
 * A menu is not modal: a modal one hides all the rest from assistive tools, where it can still be focused. The shield is
 * what keeps a pointer from the page meanwhile.
 */
function WantedContent({ className, onCloseAutoFocus, ...props }: MenuContentProps) {
  const { open, setOpen, trigger, id } = useHeld()
  /** Whether the menu closed because the focus went elsewhere: there it stays. */
  const left = useRef(false)
  const landmark = useLandmark()
  const code = usePiece(menuParts)
  useEffect(() => {
    if (open) left.current = false
  }, [open])
  if (!code) return null
  const { Root, Anchor, Portal, Content } = code.Parts
  return (
    <Root open={open} onOpenChange={setOpen} modal={false}>
      <Anchor virtualRef={trigger as RefObject<HTMLButtonElement>} />
      <Portal container={landmark}>
        <Shield onPress={() => setOpen(false)} />
      </Portal>
      <Portal container={landmark}>
        <Content
          data-slot="menu-content"
          id={`${id}-menu`}
          aria-labelledby={`${id}-button`}
          sideOffset={6}
          collisionPadding={8}
          className={cn(box, className)}
          onPointerDownOutside={(event) => {
            const { target } = event
            if (!(target instanceof Element)) return
            // The button opens again what is still on its way out.
            const isHandled = target.matches(`[data-slot=${shield}]`) || trigger.current?.contains(target)
            if (isHandled) event.preventDefault()
          }}
          onFocusOutside={(event) => {
            const { target } = event.detail.originalEvent
            const isOver = target instanceof Element && target.closest('[role="dialog"]') !== null
            left.current = !open || isOver
            if (left.current) return
            // The page put it there by itself, such as when a notice ends: a person has it here.
            event.preventDefault()
            document.getElementById(`${id}-menu`)?.focus()
          }}
          onCloseAutoFocus={(event) => {
            onCloseAutoFocus?.(event)
            if (!event.defaultPrevented && !left.current) trigger.current?.focus()
            event.preventDefault()
          }}
          {...props}
        />
      </Portal>
    </Root>
  )
}

const shield = 'menu-shield'

/**
 * Lies between an open menu and the page: what is pressed beside the menu closes it, and neither is pressed nor scrolls. It
 * goes with the click and not before, because a finger's click goes to whatever lies there when it comes.
 */
function Shield({ onPress }: { onPress: () => void }) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: for pointers only; keys have Escape
    // biome-ignore lint/a11y/useKeyWithClickEvents: for pointers only; keys have Escape
    <div
      data-slot={shield}
      // Below the menu even where it comes into the page after it.
      className="pointer-events-auto fixed inset-0 z-49"
      // The focus stays in the menu until that is closed, and goes from there to its button.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onPress}
      onContextMenu={(event) => {
        event.preventDefault()
        onPress()
      }}
    />
  )
}

const item =
  'relative flex min-h-8 select-none items-center gap-2 rounded-button px-2 py-1.5 text-base outline-none touch:min-h-11 data-[disabled]:pointer-events-none data-[highlighted]:bg-user data-[disabled]:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:stroke-[1.75]'

type MenuItemProps = ComponentProps<typeof Parts.Item> & { danger?: boolean }

export function MenuItem({ className, danger, ...props }: MenuItemProps) {
  const { Item } = useParts()
  return <Item data-slot="menu-item" className={cn(item, danger && 'text-danger', className)} {...props} />
}

/** A menu in a menu: `MenuSubTrigger` opens it. */
export function MenuSub({ children }: { children: ReactNode }) {
  const { Sub } = useParts()
  const [open, setOpen] = useState(false)
  return (
    <Sub open={open} onOpenChange={setOpen}>
      {children}
    </Sub>
  )
}

/** The item that opens a menu beside this one. */
export function MenuSubTrigger({ children, ...props }: ComponentProps<typeof Parts.SubTrigger>) {
  const { SubTrigger } = useParts()
  return (
    <SubTrigger data-slot="menu-sub-trigger" className={cn(item, 'data-[state=open]:bg-user')} {...props}>
      {children}
      <ChevronRight className="ms-auto text-muted" />
    </SubTrigger>
  )
}

export function MenuSubContent(props: ComponentProps<typeof Parts.SubContent>) {
  const { Portal, SubContent } = useParts()
  return (
    <Portal container={useLandmark()}>
      <SubContent
        data-slot="menu-sub-content"
        sideOffset={4}
        collisionPadding={8}
        className={cn(
          box,
          'max-h-[min(20rem,var(--radix-popper-available-height))] max-w-64 max-md:max-w-40 max-md:min-w-36',
        )}
        {...props}
      />
    </Portal>
  )
}

export function MenuRadioGroup(props: ComponentProps<typeof Parts.RadioGroup>) {
  const { RadioGroup } = useParts()
  return <RadioGroup {...props} />
}

export function MenuRadioItem({ className, children, ...props }: ComponentProps<typeof Parts.RadioItem>) {
  const { RadioItem, ItemIndicator } = useParts()
  return (
    <RadioItem data-slot="menu-radio-item" className={cn(item, 'pe-8!', className)} {...props}>
      {children}
      <ItemIndicator className="absolute end-2 text-accent-text">
        <Check />
      </ItemIndicator>
    </RadioItem>
  )
}

export function MenuSeparator({ className, ...props }: ComponentProps<typeof Parts.Separator>) {
  const { Separator } = useParts()
  return <Separator data-slot="menu-separator" className={cn('-mx-1 my-1 h-px bg-border', className)} {...props} />
}

export function MenuLabel({ className, ...props }: ComponentProps<typeof Parts.Label>) {
  const { Label } = useParts()
  return <Label data-slot="menu-label" className={cn('px-2 py-1.5 text-muted text-sm', className)} {...props} />
}
