import { ApiProperty } from '@nestjs/swagger';

/** Every answer that is not a success. */
export class ErrorResponse {
  /** The HTTP status. */
  @ApiProperty({ example: 400 })
  statusCode!: number;

  /** What is wrong, naming the field; a list where several fields are. */
  @ApiProperty({
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    example: ['username should not be empty'],
  })
  message!: string | string[];

  /** The name of the status. */
  @ApiProperty({ example: 'Bad Request' })
  error!: string;

  /** Names this request in the logs and the audit trail. */
  @ApiProperty({ example: '019aaf60-5d0c-7c7b-b9a5-5f3c0b6f7a10' })
  requestId!: string;
}
