// A server that ends without a word, in the middle of an answer, and is there again.

import assert from 'node:assert/strict'
import * as chat from '../lib/chat.js'
import { eventually, stage } from '../lib/stage.js'

const { behaviour } = stage()
/** What a browser itself says of a server that is not there. */
const expected = /ERR_CONNECTION_|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_SOCKET|status of 50\d/

behaviour(
  'after a server was killed nothing is lost: what arrived is there, what was typed too, and the answer is continued',
  async ({ page, programs }) => {
    await chat.send(page, 'count to three hundred [tokens=300 rate=30]')
    await chat.waitForText(page, 't00040')
    await chat.message(page).fill('typed meanwhile')
    const seen = chat.tokens(await chat.answers(page).last().innerText()).length
    await programs.kill()
    await page.getByRole('alert').getByText('Connection lost').waitFor()
    await programs.restart()

    const answer = chat.answers(page).last()
    await answer.getByText('The server stopped while this was being written').waitFor()
    await page.getByRole('alert').getByText('Connection lost').waitFor({ state: 'detached' })
    assert.equal(await chat.message(page).inputValue(), 'typed meanwhile')
    const kept = chat.tokens(await chat.settledText(page)).length
    // What came in the last moment, a save and its sync, may be lost: at 30 a second that is a handful.
    assert.ok(kept >= seen - 10, `${kept} tokens are kept of ${seen} that were seen`)

    await page.reload()
    await chat.ready(page)
    assert.equal(chat.tokens(await chat.settledText(page)).length, kept, 'what is shown is what is stored')
    assert.equal(await chat.message(page).inputValue(), 'typed meanwhile')
    await chat.button(answer, 'Continue').click()
    await chat.waitForText(page, 't00300')
    chat.assertGapless(await chat.settledText(page), 300)
    assert.equal(await chat.questions(page).count(), 1)
  },
  { expected },
)

behaviour(
  'what is sent while the server is gone goes out once, when it is back',
  async ({ page, programs }) => {
    await chat.ask(page, 'before [tokens=3 rate=100]')
    await programs.kill()
    await chat.message(page).fill('into the dark [tokens=4 rate=100]')
    await chat.message(page).press('Enter')
    await chat.questions(page).getByText('into the dark').waitFor()
    await page.getByRole('alert').getByText('Connection lost').waitFor()
    await programs.restart()
    await eventually(async () => (await chat.answers(page).count()) === 2, 'it went out')
    chat.assertGapless(await chat.settledText(page), 4)
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await page.reload()
    await chat.ready(page)
    assert.equal(await chat.questions(page).count(), 2, 'once')
    const asked = (await programs.seen('requests')).filter(({ title, body }) => !title && /into the dark/.test(JSON.stringify(body)))
    assert.equal(asked.length, 1)
  },
  { expected },
)
