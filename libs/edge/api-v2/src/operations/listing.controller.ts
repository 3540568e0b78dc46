import { Controller, Get, Header, Query } from '@nestjs/common';
import { Anybody } from '@millrace/access';
import { LiveEngineView } from './live-engines';
import { OperationListing } from './listing';
import { readListingQuery } from './listing-query';

/** What can be done here, told to anybody (contract §8). */
@Controller('v2')
@Anybody()
export class ListingController {
  constructor(
    private readonly listing: OperationListing,
    private readonly live: LiveEngineView,
  ) {}

  @Get('operations')
  @Header('Content-Type', 'application/json')
  async operations(@Query() asked: Record<string, unknown>): Promise<string> {
    return this.listing.body(readListingQuery(asked), await this.live.engines());
  }

  /** The same, of conversions only. */
  @Get('convert/formats')
  @Header('Content-Type', 'application/json')
  async formats(@Query() asked: Record<string, unknown>): Promise<string> {
    return this.listing.body({ ...readListingQuery(asked), operation: 'convert' }, await this.live.engines());
  }
}
