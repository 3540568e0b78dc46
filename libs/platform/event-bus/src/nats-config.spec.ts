import { isFailure } from '@millrace/failures';
import { natsConfig } from './nats-config';
import { NATS_SERVICES, permissionsOf } from './nats-permissions';

describe('natsConfig', () => {
  it('gives each named service a user with its own inbox', () => {
    const config = natsConfig({ port: 4222, storeDir: '/data/nats', users: { gateway: 'gateway-password', media: 'media-password' } });
    expect(config).toContain('user: "gateway"');
    expect(config).toContain('_INBOX_media.>');
    expect(config).not.toContain('user: "document"');
    expect(config).toContain('listen: "127.0.0.1:4222"');
  });

  it.each(['short', 'has "quotes" in it', 'back\\slash-back', '$2a$10$abcdefghijklmnop', 'line\nbreak-here', 'with space'])('refuses the password %j', (password) => {
    const attempt = (): string => natsConfig({ port: 1, storeDir: '/d', users: { media: password } });
    expect(attempt).toThrow('INTERNAL_ERROR');
    try {
      attempt();
    } catch (error) {
      expect(isFailure(error) && error.publicMessage.includes(password)).toBe(false);
    }
  });

  it('lets nobody but admin, the orchestrator and the consumer itself create consumers', () => {
    const creators = NATS_SERVICES.filter((service) => {
      const { publish } = permissionsOf(service, { engines: { media: ['sharp'] } });
      return publish.some((subject) => subject === '>' || subject === '$JS.API.>' || subject.includes('CONSUMER.CREATE'));
    });
    expect(creators).toEqual(['orchestrator', 'consumer', 'admin']);
  });

  it('names the lanes of each hosted engine, region and version', () => {
    const { publish } = permissionsOf('media', { engines: { media: [{ engine: 'ffmpeg', versions: ['5.1'] }, 'sharp'] }, regions: ['eu', 'us'] });
    const lanes = publish.filter((subject) => subject.includes('MSG.NEXT')).map((subject) => subject.split('.').at(-1));
    expect(lanes).toEqual(['eu_ffmpeg_any', 'eu_ffmpeg_5_1', 'eu_sharp_any', 'us_ffmpeg_any', 'us_ffmpeg_5_1', 'us_sharp_any']);
  });
});
