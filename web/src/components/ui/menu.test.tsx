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

test('a disabled button opens nothing', async () => {
  show({ disabled: true })
  await userEvent.click(trigger())
  expect(trigger()).toBeDisabled()
  expect(trigger()).toHaveAttribute('aria-expanded', 'false')
})
