import type { BuildContext } from '../git/context.ts';
import type { Mask } from '../log/mask.ts';
import type { RegistryAuth } from '../registry/registry-auth.ts';
import type { EngineLine } from './plain-progress.ts';

/** What to build, and where its log goes. */
export type BuildRequest = {
  context: BuildContext;
  /**
   * Says where the context's files come from: letters, digits and dashes. BuildKit keeps them, and
   * of the next build with the same key it gets only those that changed.
   */
  sharedKey: string;
  labels: Record<string, string>;
  buildArgs?: Record<string, string>;
  target?: string;
  /** `linux/arm64` and so on; the Engine's own without it. */
  platform?: string;
  /** Values for `RUN --mount=type=secret`, by id; they reach nothing else. */
  secrets?: ReadonlyMap<string, Buffer>;
  /** Sockets of agents for `RUN --mount=type=ssh`, by id. */
  sshAgents?: ReadonlyMap<string, string>;
  /** Who the build is for a registry that it takes an image from; nobody without it. */
  credentials?: (host: string) => Promise<RegistryAuth>;
  /**
   * Whose the build is, when it has secrets or agents: letters, digits and dashes. Neither is part
   * of BuildKit's cache keys, so that without this anybody with the same Dockerfile and others, or
   * none, would be given what a RUN made with them.
   */
  cacheScope?: string;
  /** Whose caches `RUN --mount=type=cache` sees. */
  mountScope?: string;
  /** Images in a registry whose layers may be used where the Engine has none of its own. */
  cacheFrom?: string[];
  /** Whether the image is to tell other Engines which of its layers is which instruction's. */
  inlineCache?: boolean;
  /** Whether base images that the Engine has are looked up in their registries all the same. */
  pull?: boolean;
  /** The name the image gets in the Engine: `name:tag`. */
  tag: string;
  /** Unique among all builds of the Engine; by it the build can be cancelled. */
  buildId: string;
  signal: AbortSignal;
  /** The secrets that its output may show; lines are not cut inside of one. */
  mask: Mask;
  /** Called for every line of the log, in order; reading waits for a promise it returns. */
  onLine: (line: EngineLine) => void | Promise<void>;
  noCache?: boolean;
};

/** An image in the Engine. */
export type BuiltImage = {
  /** `sha256:…`, the Engine's own name of it; not the digest in a registry. */
  imageId: string;
  /** Unpacked, in bytes. */
  size: number;
  /** How many of the Dockerfile's instructions came from the cache, and how many there were. */
  cached: number;
  total: number;
};

/** Which of the Engine's two builders: BuildKit, or what Docker had before it and Podman has. */
export type Builder = 'buildkit' | 'classic';

/** How a builder ends that made an image: its id, and what it took from its cache. */
export type Built = Pick<BuiltImage, 'imageId' | 'cached' | 'total'>;
