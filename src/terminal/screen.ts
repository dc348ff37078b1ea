/** @returns the text with what puts it in the place of what the terminal shows; what was scrolled out of it stays */
export const redrawn = (text: string): string => `\u001b[H\u001b[J${text}`;
