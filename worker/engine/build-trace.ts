import protobuf from 'protobufjs/light.js';

/** One node of BuildKit's graph; times are milliseconds since the epoch. */
export type Vertex = {
  digest: string;
  name: string;
  cached: boolean;
  started: number | null;
  completed: number | null;
  error: string;
};

/** One transfer inside a vertex: a layer, the context. `current` and `total` are bytes. */
export type VertexStatus = {
  id: string;
  vertex: string;
  current: number;
  total: number;
  timestamp: number | null;
  started: number | null;
  completed: number | null;
};

/** Some bytes a vertex's command printed; cut anywhere, also inside a character. */
export type VertexLog = { vertex: string; timestamp: number | null; stream: number; bytes: Buffer };

/** Something BuildKit's frontend advises against; `line` is 1-based in the Dockerfile. */
export type VertexWarning = { vertex: string; text: string; line: number | null };

/** What one `moby.buildkit.trace` event tells. */
export type BuildTrace = {
  vertexes: Vertex[];
  statuses: VertexStatus[];
  logs: VertexLog[];
  warnings: VertexWarning[];
};

/**
 * Decodes the `aux` of a `moby.buildkit.trace` event: base64 of `moby.buildkit.v1.StatusResponse`,
 * see https://github.com/moby/buildkit/blob/master/api/services/control/control.proto.
 * Throws when the text is not such a message.
 */
export function decodeTrace(base64: string): BuildTrace {
  const message = statusResponse.decode(Buffer.from(base64, 'base64'));
  const raw = statusResponse.toObject(message, plain) as RawTrace;
  return {
    vertexes: raw.vertexes.map((v) => ({
      ...v,
      started: milliseconds(v.started),
      completed: milliseconds(v.completed),
    })),
    statuses: raw.statuses.map((s) => ({
      ...s,
      timestamp: milliseconds(s.timestamp),
      started: milliseconds(s.started),
      completed: milliseconds(s.completed),
    })),
    logs: raw.logs.map((l) => ({
      vertex: l.vertex,
      timestamp: milliseconds(l.timestamp),
      stream: l.stream,
      bytes: l.msg,
    })),
    warnings: raw.warnings.map((w) => ({
      vertex: w.vertex,
      text: w.short.toString('utf8'),
      line: w.ranges[0]?.start?.line ?? null,
    })),
  };
}

type Timestamp = { seconds: number; nanos: number } | null;
type Raw<T, Times extends keyof T> = Omit<T, Times> & Record<Times, Timestamp>;
type RawTrace = {
  vertexes: Raw<Vertex, 'started' | 'completed'>[];
  statuses: Raw<VertexStatus, 'timestamp' | 'started' | 'completed'>[];
  logs: { vertex: string; timestamp: Timestamp; stream: number; msg: Buffer }[];
  warnings: { vertex: string; short: Buffer; ranges: { start: { line: number } | null }[] }[];
};

const milliseconds = (time: Timestamp): number | null =>
  time === null ? null : time.seconds * 1000 + time.nanos / 1e6;

const plain = { longs: Number, bytes: Buffer, defaults: true, arrays: true };

const field = (id: number, type: string) => ({ id, type });
const list = (id: number, type: string) => ({ id, type, rule: 'repeated' });

// Fields that nothing here reads are left out: protobuf skips them.
const statusResponse = protobuf.Root.fromJSON({
  nested: {
    Timestamp: { fields: { seconds: field(1, 'int64'), nanos: field(2, 'int32') } },
    Vertex: {
      fields: {
        digest: field(1, 'string'),
        name: field(3, 'string'),
        cached: field(4, 'bool'),
        started: field(5, 'Timestamp'),
        completed: field(6, 'Timestamp'),
        error: field(7, 'string'),
      },
    },
    VertexStatus: {
      fields: {
        id: field(1, 'string'),
        vertex: field(2, 'string'),
        current: field(4, 'int64'),
        total: field(5, 'int64'),
        timestamp: field(6, 'Timestamp'),
        started: field(7, 'Timestamp'),
        completed: field(8, 'Timestamp'),
      },
    },
    VertexLog: {
      fields: {
        vertex: field(1, 'string'),
        timestamp: field(2, 'Timestamp'),
        stream: field(3, 'int64'),
        msg: field(4, 'bytes'),
      },
    },
    Position: { fields: { line: field(1, 'int32') } },
    Range: { fields: { start: field(1, 'Position') } },
    VertexWarning: {
      fields: {
        vertex: field(1, 'string'),
        short: field(3, 'bytes'),
        ranges: list(7, 'Range'),
      },
    },
    StatusResponse: {
      fields: {
        vertexes: list(1, 'Vertex'),
        statuses: list(2, 'VertexStatus'),
        logs: list(3, 'VertexLog'),
        warnings: list(4, 'VertexWarning'),
      },
    },
  },
}).lookupType('StatusResponse');
