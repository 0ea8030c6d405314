import { fireEvent, render, screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { CitedContext } from './cited'
import { Markdown } from './markdown'

const text = 'High [1], old[2][3]. Not `a[1]`, [a [1]](https://x.example), [0] or [123].\n\n- also **here [1]**'

test('numbers of sources are buttons that open them, and other numbers stay text', () => {
  const open = vi.fn()
  const cited = {
    titles: new Map([
      [1, 'Tower'],
      [3, 'Sea'],
    ]),
    open,
  }
  const { container } = render(
    <CitedContext value={cited}>
      <Markdown text={text} running={false} />
    </CitedContext>,
  )
  expect(screen.getAllByRole('button').map((button) => button.getAttribute('aria-label'))).toEqual([
    'Source 1: Tower',
    'Source 3: Sea',
    'Source 1: Tower',
  ])
  expect(container.querySelector('p')?.textContent).toBe('High 1, old[2]3. Not a[1], a [1], [0] or [123].')
  fireEvent.click(screen.getByRole('button', { name: 'Source 3: Sea' }))
  expect(open).toHaveBeenCalledExactlyOnceWith(3)
})

test('without sources nothing is a number of one', () => {
  const { container } = render(<Markdown text="High [1]." running />)
  expect(container.textContent).toBe('High [1].')
  expect(screen.queryByRole('button')).toBeNull()
})
