import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { describe, isMissing, isNotImplemented, isRefused } from './answers';
import { type Connection, connector } from './client';
import { type Head, readHead } from './head';
import type { S3Settings } from './settings';

/** An object as it is listed. */
export interface Listed {
  readonly object: string;
  readonly size: number;
  readonly modifiedAt: Date;
}

/** The requests on one bucket. What they throw is the SDK's error; objects that are missing are told apart. */
export class Bucket {
  readonly name: string;
  private readonly connected: () => Promise<Connection>;
  private ready: Promise<void> | undefined;
  /** Until the server says that it has none. */
  private conditionalWrites = true;

  constructor(
    private readonly settings: S3Settings,
    private readonly pageObjects: number,
  ) {
    this.name = settings.bucket;
    this.connected = connector(settings);
  }

  /** Rejects while the bucket is not there: a HEAD of an object cannot tell that from a missing object. */
  async connection(): Promise<Connection> {
    const connection = await this.connected();
    this.ready ??= connection.client.send(new connection.sdk.HeadBucketCommand({ Bucket: this.name })).then(
      () => undefined,
      (error: unknown) => {
        this.ready = undefined;
        throw new Error(`The bucket ${this.name} at ${this.settings.endpoint ?? `AWS, region ${this.settings.region}`} cannot be used: ${describe(error)}`, { cause: error });
      },
    );
    await this.ready;
    return connection;
  }

  async head(object: string, key: string): Promise<Head | undefined> {
    const { client, sdk } = await this.connection();
    try {
      return readHead(key, await client.send(new sdk.HeadObjectCommand({ Bucket: this.name, Key: object })));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Makes an object unless there is one. Servers without conditional writes replace it: look before. */
  async putNew(object: string, body: Buffer, metadata: Record<string, string>, contentType: string | undefined): Promise<void> {
    const { client, sdk } = await this.connection();
    const put = {
      Bucket: this.name,
      Key: object,
      Body: body,
      ContentMD5: createHash('md5').update(body).digest('base64'),
      Metadata: metadata,
      ...(contentType !== undefined && { ContentType: contentType }),
    };
    const conditional = this.conditionalWrites;
    try {
      await client.send(new sdk.PutObjectCommand({ ...put, ...(conditional && { IfNoneMatch: '*' }) }));
    } catch (error) {
      if (isRefused(error)) return;
      if (!conditional || !isNotImplemented(error)) throw error;
      this.conditionalWrites = false;
      await client.send(new sdk.PutObjectCommand(put));
    }
  }

  /** Undefined when there is no such object. `range` as in HTTP. */
  async get(object: string, range?: string): Promise<Readable | undefined> {
    const { client, sdk } = await this.connection();
    try {
      return (await client.send(new sdk.GetObjectCommand({ Bucket: this.name, Key: object, ...(range && { Range: range }) }))).Body as Readable;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async remove(object: string): Promise<void> {
    const { client, sdk } = await this.connection();
    try {
      await client.send(new sdk.DeleteObjectCommand({ Bucket: this.name, Key: object }));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  /** Pages of objects, in the order of their names' bytes. */
  async *list(prefix: string, after?: string, limit = Infinity): AsyncGenerator<Listed[]> {
    const { client, sdk } = await this.connection();
    let token: string | undefined;
    for (let left = limit; left > 0; ) {
      const page = await client.send(
        new sdk.ListObjectsV2Command({ Bucket: this.name, Prefix: prefix, MaxKeys: Math.min(this.pageObjects, left), ...(token ? { ContinuationToken: token } : after && { StartAfter: after }) }),
      );
      const found = page.Contents ?? [];
      left -= found.length;
      yield found.map(({ Key, Size, LastModified }) => ({ object: Key ?? '', size: Size ?? 0, modifiedAt: LastModified ?? new Date(0) }));
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
      if (token === undefined) return;
    }
  }

  /** Uploads in parts that have not ended. */
  async *uploads(prefix: string): AsyncGenerator<{ object: string; id: string; begunAt: Date }> {
    const { client, sdk } = await this.connection();
    for (let marker = {}; ; ) {
      const page = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket: this.name, Prefix: prefix, ...marker }));
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) if (Key && UploadId) yield { object: Key, id: UploadId, begunAt: Initiated ?? new Date() };
      if (!page.IsTruncated) return;
      marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  }

  async abort(object: string, id: string): Promise<void> {
    const { client, sdk } = await this.connection();
    try {
      await client.send(new sdk.AbortMultipartUploadCommand({ Bucket: this.name, Key: object, UploadId: id }));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}
