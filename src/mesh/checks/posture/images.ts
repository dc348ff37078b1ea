/** @returns why an image is not always the same, as a sentence; undefined when its version or digest is named */
export function imageProblem(image: string | undefined): string | undefined {
  if (image === undefined || image === '' || image.includes('@sha256:')) return undefined;
  const tag = /:([\w.-]+)$/.exec(image)?.[1];
  if (tag === undefined) return `Its image "${image}" has no tag, which means "latest".`;
  return tag === 'latest' ? `Its image is "${image}".` : undefined;
}
