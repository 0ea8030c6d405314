/** Texts for tests, each full of what is easily cut wrong. */
export const samples = {
  paragraphs: 'One line\nand another.\n\nA second paragraph with **bold** and `code`.\n\n\nThird.',
  headings: '# One\ntext\n## Two\n\nSetext\n======\nmore\nLower\n---\nend',
  lists: 'Before\n- a\n- b\n  - c\n\n  still b\n\n- d\n\nAfter\n\n1. x\n2. y\n10) other\n\n* star\n+ plus\n',
  code: 'Text\n```js\nconst a = 1\n\n# not a heading\n- not a list\n```\nafter\n\n    indented\n\n    still\n\nend\n~~~\n```\n~~~\n',
  table: 'Intro\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n| 3 | 4 |\n\nAfter | not\n\n> quote\n> more\nlazy\n\nend',
  html: '<div>\n<b>x</b>\n\ntext\n<!-- a\n\nb -->\nafter\n',
  math: 'Sum:\n\n$$\na + b\n\n= c\n$$\n\nand $$x$$ inline\n$$\nunclosed\n\nrest',
  rules: 'a\n***\nb\n\n---\n\n- - -\n- item\n',
  footnotes: 'Text[^1] and [a][b].\n\n[^1]: Note\n\n    goes on\n\n[b]: https://example.org\n\nend',
  windows: 'One\r\n\r\n- a\r\n- b\r\n\r\n```\r\nx\r\n```\r\nend\r\n',
  tasks: '- [ ] one\n- [x] two\n\n\n1) a\n\n   b\n2) c\nlazy\n# head',
}
