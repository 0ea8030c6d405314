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

async function openMenu(of = answer) {
  useLive.setState({ current: 1 })
  showMessages(1, [of], null)
  render(
    <Menu>
      <MenuTrigger>More</MenuTrigger>
      <MenuContent>
        <MessageItems message={of} busy={false} onAbout={() => undefined} />
      </MenuContent>
    </Menu>,
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

test('an answer is read as plain text, and a second press ends that', async () => {
  const { spoken, cancel } = speaker(1)
  await openMenu()
  fireEvent.click(screen.getByText('Read aloud'))
  await vi.waitFor(() => expect(spoken).toEqual(['Bold words']), 5_000)
  await open()
  fireEvent.click(screen.getByText('Stop reading'))
  expect(cancel).toHaveBeenCalledOnce()
}, 15_000)
