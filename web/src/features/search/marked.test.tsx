import { render } from '@testing-library/react'
import { expect, test } from 'vitest'
import { Marked } from './marked'

test('marks are nodes and all else is text', () => {
  const { container } = render(<Marked snippet="a &lt;b&gt; <mark>hit &amp; run</mark> <img src=x> &#39;q&#39;" />)
  expect(container).toHaveTextContent("a <b> hit & run <img src=x> 'q'")
  expect(container.querySelectorAll('mark')).toHaveLength(1)
  expect(container.querySelector('img')).toBeNull()
})
