/** Whether a URL leads a machine to itself. */
export const isLoopback = (url: string): boolean =>
  /^(localhost|.+\.localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])$/i.test(new URL(url).hostname);
