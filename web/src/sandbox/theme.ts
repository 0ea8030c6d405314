/** The colours of drawings: those of `styles/tokens.css`, which an image cannot read. */

const light = {
  background: '#f6f6f8',
  surface: '#ffffff',
  text: '#17181c',
  muted: '#5b6070',
  line: '#868c9b',
  soft: '#ecebff',
  accent: '#4a40e0',
  note: '#fff4e0',
  noteText: '#8a5200',
  danger: '#b8203a',
  kinds: ['#c9c6fb', '#bfe3cc', '#f4d6a4', '#bcd8f7', '#f3c3cb', '#b7e0e4', '#e0c8f5', '#d7dae3'],
}

const dark = {
  background: '#141519',
  surface: '#1b1d22',
  text: '#ecedf1',
  muted: '#9aa0ae',
  line: '#6f7686',
  soft: '#24234a',
  accent: '#8f8cff',
  note: '#35280f',
  noteText: '#f5b95a',
  danger: '#ff7d8a',
  kinds: ['#45429a', '#1f5c3a', '#6b4a14', '#234f80', '#74303b', '#1d5a61', '#5b3a80', '#3b4050'],
}

/** Slices, branches and sections: one colour each, on which the text of the page can be read. */
function kindsOf({ kinds, text }: typeof light) {
  const each = kinds.flatMap((colour, at) => [
    [`pie${at + 1}`, colour],
    [`git${at}`, colour],
    [`gitBranchLabel${at}`, text],
    [`cScale${at}`, colour],
    [`cScaleLabel${at}`, text],
    [`fillType${at}`, colour],
  ])
  return Object.fromEntries(each) as Record<string, string>
}

export function themeOf(isDark: boolean) {
  const colours = isDark ? dark : light
  return {
    darkMode: isDark,
    background: colours.background,
    mainBkg: colours.soft,
    primaryColor: colours.soft,
    primaryTextColor: colours.text,
    primaryBorderColor: colours.accent,
    secondaryColor: colours.surface,
    secondaryTextColor: colours.text,
    secondaryBorderColor: colours.line,
    tertiaryColor: colours.surface,
    tertiaryTextColor: colours.text,
    tertiaryBorderColor: colours.line,
    lineColor: colours.line,
    textColor: colours.text,
    titleColor: colours.text,
    edgeLabelBackground: colours.background,
    clusterBkg: colours.surface,
    clusterBorder: colours.line,
    noteBkgColor: colours.note,
    noteTextColor: colours.noteText,
    noteBorderColor: colours.noteText,
    errorBkgColor: colours.background,
    errorTextColor: colours.danger,
    useGradient: false,
    dropShadow: 'none',
    pieTitleTextColor: colours.text,
    pieSectionTextColor: colours.text,
    pieLegendTextColor: colours.text,
    pieStrokeColor: colours.background,
    pieOuterStrokeColor: colours.line,
    pieOpacity: '1',
    commitLabelColor: colours.text,
    commitLabelBackground: colours.surface,
    ...kindsOf(colours),
  }
}
