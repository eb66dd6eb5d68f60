import { secureHeaders } from 'hono/secure-headers';

/**
 * What a browser is told beside a page: to run our scripts and use our style only, to send forms
 * nowhere but here and to `formTargets` (origins), to show the page in no frame. Whether HTTPS is a
 * must is for whoever runs the proxy to say.
 */
export const pageHeaders = (formTargets: string[] = []) =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ["'self'"],
      styleSrc: ["'self'"],
      formAction: ["'self'", ...formTargets],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    // With none at all a browser says of its own forms that they come from nowhere.
    referrerPolicy: 'same-origin',
    strictTransportSecurity: false,
  });
