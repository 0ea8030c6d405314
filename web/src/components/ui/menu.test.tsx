import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeAll, expect, test, vi } from 'vitest'
import { Menu, MenuContent, MenuItem, MenuTrigger } from './menu'

// What jsdom has not, and the menu's place on the screen is worked out with.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
}
Element.prototype.scrollIntoView ??= () => {}

// The first of them would wait for it.
beforeAll(async () => void (await import('./menu-parts')), 60_000)

function show({ disabled = false } = {}) {
  const [onRename, onDelete] = [vi.fn(), vi.fn()]
  render(
    <Menu>
      <MenuTrigger disabled={disabled} aria-label="Options">
        …
      </MenuTrigger>
      <MenuContent>
        <MenuItem onSelect={onRename}>Rename</MenuItem>
        <MenuItem disabled>Move</MenuItem>
        <MenuItem danger onSelect={onDelete}>
          Delete
        </MenuItem>
      </MenuContent>
    </Menu>,
  )
  return { onRename, onDelete }
}

const trigger = () => screen.getByRole('button', { name: 'Options', hidden: true })
const item = (name: string) => screen.getByRole('menuitem', { name })

async function open(key = '{Enter}') {
  await userEvent.tab()
  expect(trigger()).toHaveFocus()
  await userEvent.keyboard(key)
  return screen.findByRole('menu', { name: 'Options' })
}

test('a button that opens a menu says so', async () => {
  show()
  expect(trigger()).toHaveAttribute('aria-haspopup', 'menu')
  expect(trigger()).toHaveAttribute('aria-expanded', 'false')
  const menu = await open()
  expect(trigger()).toHaveAttribute('aria-expanded', 'true')
  expect(trigger()).toHaveAttribute('aria-controls', menu.id)
})

test.each(['{Enter}', ' ', '{ArrowDown}'])(
  '%s opens it, arrows pass over what is disabled, Enter chooses',
  async (key) => {
    const { onRename, onDelete } = show()
    await open(key)
    await waitFor(() => expect(item('Rename')).toHaveFocus())
    await userEvent.keyboard('{ArrowDown}')
    expect(item('Delete')).toHaveFocus()
    await userEvent.keyboard('{Enter}')
    expect(onDelete).toHaveBeenCalledOnce()
    expect(onRename).not.toHaveBeenCalled()
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
    await waitFor(() => expect(trigger()).toHaveFocus())
  },
)

test('Escape closes it without choosing, and the button has the focus again', async () => {
  const { onRename } = show()
  await open()
  await waitFor(() => expect(item('Rename')).toHaveFocus())
  await userEvent.keyboard('{Escape}')
  await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
  await waitFor(() => expect(trigger()).toHaveFocus())
  expect(onRename).not.toHaveBeenCalled()
})

test('what is pressed beside an open menu closes it and nothing else', async () => {
  const { onRename } = show()
  await open()
  const shield = document.querySelector('[data-slot=menu-shield]') as HTMLElement
  const finger = userEvent.setup()
  // Until the finger is lifted it lies over the page.
  await finger.pointer({ target: shield, keys: '[TouchA>]' })
  expect(screen.getByRole('menu')).toBeInTheDocument()
  await finger.pointer({ target: shield, keys: '[/TouchA]' })
  await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
  expect(document.querySelector('[data-slot=menu-shield]')).toBeNull()
  await waitFor(() => expect(trigger()).toHaveFocus())
  expect(onRename).not.toHaveBeenCalled()
})

test('the rest of the page is not hidden from assistive tools, and takes the focus from no menu', async () => {
  show()
  render(<input aria-label="Elsewhere" />)
  await open()
  await waitFor(() => expect(item('Rename')).toHaveFocus())
  screen.getByRole('textbox', { name: 'Elsewhere' }).focus()
  await waitFor(() => expect(screen.getByRole('menu')).toContainElement(document.activeElement as HTMLElement))
})

test('a dialog that comes over a menu has the focus, and the menu goes', async () => {
  show()
  render(
    <div role="dialog" aria-label="Over it">
      <input aria-label="Elsewhere" />
    </div>,
  )
  await open()
  await waitFor(() => expect(item('Rename')).toHaveFocus())
  const field = screen.getByRole('textbox', { name: 'Elsewhere' })
  field.focus()
  await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(field).toHaveFocus()
})

test('a disabled button opens nothing', async () => {
  show({ disabled: true })
  await userEvent.click(trigger())
  expect(trigger()).toBeDisabled()
  expect(trigger()).toHaveAttribute('aria-expanded', 'false')
})
