/** @returns the text with what puts it in the place of everything on the terminal */
export const redrawn = (text: string): string => `\u001b[H\u001b[2J\u001b[3J${text}`;
