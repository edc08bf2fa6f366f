// Letters for PNG pictures, where neither fonts nor a canvas are at hand: five dots across and nine down, the last two
// below the line. A row is one digit in base 32, a glyph seven or nine of them, top row first. Whoever draws joins
// neighbouring dots by strokes, so that the letters are smooth at every size.

/** Dots across, and the width of a letter with the gap behind it. */
export const GLYPH = { columns: 5, rows: 9, baseline: 7, advance: 6 } as const;

/** From the space on, in the order of ASCII. */
const ASCII =
  '0000000 4444404 aa00000 aavavaa 4fkeku4 op248j3 cik8lid 4400000 2488842 8422248 04lel40 044v440 000000448 000e000 ' +
  '0000004 01248g0 ciiiiic 4c4444e eh1248v v2421he 26aiv22 vgu11he 68guhhe v124888 ehhehhe ehhf12c 0400040 040000448 ' +
  '248g842 00v0v00 8421248 eh12404 ehnlmge 4ahhvhh uhhuhhu ehggghe sihhhis vggsggv vggsggg ehgnhhf hhhvhhh e44444e ' +
  '72222ic hikokih ggggggv hrllhhh hhpljhh ehhhhhe uhhuggg ehhhlid uhhukih fgge11u v444444 hhhhhhe hhhhha4 hhhllla ' +
  'hha4ahh hhha444 v1248gv e88888e 0g84210 e22222e 4ah0000 0000000v0 8400000 00e1fhf ggmphhu 00egghe 11djhhf 00ehvge ' +
  '698s888 00fhhhf1e ggmphhh 40c444e 2062222ic ggikoki c44444e 00qllll 00mphhh 00ehhhe 00uhhhugg 00fhhhf11 00mpggg ' +
  '00fge1u 88s8896 00hhhjd 00hhha4 00hhlla 00ha4ah 00hhhhf1e 00v248v 6448446 4444444 c44244c 008l200';

/** Signs beyond ASCII that pictures of relevance need. */
const SIGNS: Readonly<Record<string, string>> = {
  '−': '000v000',
  '–': '000e000',
  '—': '000v000',
  '×': '00ha4ah',
  '≤': '248420e',
  '≥': '842480e',
  '±': '44v440v',
  '·': '0004000',
  '…': '000000l',
  '→': '042v240',
  '∞': '00alla0',
  '’': '4400000',
  '\u00a0': '0000000',
  α: '00diiid',
  β: 'ciisiisgg',
  γ: '00haa4444',
  ε: '00egcge',
};

/** What stands for letters that are missing here. */
const MISSING = 'vhhhhhv';

/** Columns and rows of the dots that make up a letter. */
export function glyphOf(letter: string): readonly (readonly [column: number, row: number])[] {
  const code = (letter.codePointAt(0) ?? 0) - 32;
  const rows = SIGNS[letter] ?? ASCII.split(' ')[code] ?? MISSING;
  return [...rows].flatMap((digit, row) => {
    const bits = Number.parseInt(digit, 32);
    const columns = [0, 1, 2, 3, 4].filter((column) => bits & (1 << (GLYPH.columns - 1 - column)));
    return columns.map((column) => [column, row] as const);
  });
}
