import { fireEvent, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
// The piece that the menu asks for; it is long in coming.
import '../../components/markdown/plain-text'
import { Menu, MenuContent, MenuTrigger } from '../../components/ui/menu'
import { useLive } from './live'
import { MessageItems } from './message-items'
import { showMessages } from './queries'
import { stopReading } from './read-aloud'
import { StandingProvider, standingOf } from './standing'
import { message } from './test-message'

const answer = message({ state: 'completed', parts: [{ type: 'text', text: '**Bold** words' }] })

/** A browser with so many voices. */
function speaker(voices: number) {
  const spoken: string[] = []
  const cancel = vi.fn()
  vi.stubGlobal(
    'SpeechSynthesisUtterance',
    class {
      constructor(public text: string) {}
    },
  )
  vi.stubGlobal('speechSynthesis', {
    getVoices: () => Array(voices).fill({}),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    speak: ({ text }: { text: string }) => spoken.push(text),
    cancel,
  })
  return { spoken, cancel }
}

afterEach(() => {
  stopReading()
  vi.unstubAllGlobals()
})

async function open() {
  await userEvent.click(screen.getByRole('button', { name: 'More' }))
  await screen.findByText('Details', undefined, { timeout: 4_000 })
}

async function openMenu(of = answer, standing = standingOf()) {
  useLive.setState({ current: 1 })
  showMessages(1, [of], null)
  render(
    <StandingProvider value={standing}>
      <Menu>
        <MenuTrigger>More</MenuTrigger>
        <MenuContent>
          <MessageItems message={of} busy={false} onAbout={() => undefined} onNote={() => undefined} />
        </MenuContent>
      </Menu>
    </StandingProvider>,
  )
  await open()
}

test.each([
  ['a browser without voices', 0, answer],
  ['what a person said', 1, message({ ...answer, role: 'user' })],
])('of %s nothing is read', async (_, voices, of) => {
  speaker(voices)
  await openMenu(of)
  expect(screen.queryByText('Read aloud')).toBeNull()
})

test.each([
  ['alone, one deletes, and has nobody to note anything for', standingOf('owner', 1), true, false],
  ['an editor deletes and notes', standingOf('editor', 2), true, true],
  ['a commenter notes alone', standingOf('commenter', 2), false, true],
  ['a viewer does neither', standingOf('viewer', 2), false, false],
])('%s', async (_, standing, deletes, notes) => {
  speaker(0)
  await openMenu(answer, standing)
  expect(screen.queryByText('Delete') !== null).toBe(deletes)
  expect(screen.queryByText('Add a note') !== null).toBe(notes)
})

test('an answer is read as plain text, and a second press ends that', async () => {
  const { spoken, cancel } = speaker(1)
  await openMenu()
  fireEvent.click(screen.getByText('Read aloud'))
  await vi.waitFor(() => expect(spoken).toEqual(['Bold words']), 5_000)
  await open()
  fireEvent.click(screen.getByText('Stop reading'))
  expect(cancel).toHaveBeenCalledOnce()
}, 15_000)
