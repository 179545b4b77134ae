/* queue/queue_format.c - names and bytes of journals
 *
 * All integers little-endian, so that a journal can be read on another machine; reals are IEEE 754
 * doubles as 64-bit integers.  Payloads are in the byte order of the machine that wrote them, which
 * the file header tells: a machine with the other order refuses the file.
 *
 *   file header, 32 bytes
 *     0   8  magic "LQJRNL\r\n" (a transfer in text mode breaks it)
 *     8   4  version, 1
 *    12   4  0x01020304 in the byte order of the writer
 *    16   8  generation
 *    24   4  group; -1: base
 *    28   4  CRC-32 of bytes 0..27
 *
 *   record, 100 bytes + payload, one after another
 *     0   4  magic "LQR1"
 *     4   2  version, 1
 *     6   2  kind
 *     8  32  key
 *    40   4  replica
 *    44   4  stage
 *    48   8  origin
 *    56   8  done
 *    64   8  total
 *    72   4  status
 *    76   8  seconds
 *    84   8  size of the payload
 *    92   4  CRC-32 of bytes 0..91
 *    96  size  payload
 *    ..   4  CRC-32 of bytes 0..91 and the payload
 *
 * The header has a checksum of its own because its size is needed to find the other one: a wrong
 * size never leads the reader astray.  The second one covers both, so that a header cannot be
 * paired with the payload of another record.
 */
#include "queue/queue_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum { VERSION = 1, ORDER_MARK = 0x01020304, CRC_AT = 92 };

static const unsigned char file_magic[8] = {'L', 'Q', 'J', 'R', 'N', 'L', '\r', '\n'};
static const unsigned char record_magic[4] = {'L', 'Q', 'R', '1'};

static unsigned char *put(unsigned char *p, uint64_t value, int bytes)
{
  for (int i = 0; i < bytes; i++) p[i] = (unsigned char)(value >> (8 * i));
  return p + bytes;
}

static uint64_t get(const unsigned char **p, int bytes)
{
  uint64_t value = 0;

  for (int i = 0; i < bytes; i++) value |= (uint64_t)(*p)[i] << (8 * i);
  *p += bytes;
  return value;
}

/* Two's complement of the stated width, without depending on how the compiler converts. */
static int64_t as_signed(uint64_t value, int bytes)
{
  const uint64_t sign = (uint64_t)1 << (8 * bytes - 1);
  int64_t result;

  value = (value ^ sign) - sign;
  memcpy(&result, &value, sizeof(result));
  return result;
}

static uint32_t crc(const unsigned char *p, size_t n)
{
  return (uint32_t)crc32_z(crc32_z(0, NULL, 0), p, n);
}

static uint32_t record_crc(const unsigned char h[QUEUE_RECORD_HEADER], uint64_t size,
                           const unsigned char *payload)
{
  return size ? (uint32_t)crc32_z(crc(h, CRC_AT), payload, (size_t)size) : crc(h, CRC_AT);
}

PetscErrorCode queue__path(const char *directory, queue__name name, char path[QUEUE_PATH_MAX])
{
  int n;

  PetscFunctionBegin;
  PetscCheck(name.generation >= 0 && name.group >= QUEUE_GROUP_TMP, PETSC_COMM_SELF,
             PETSC_ERR_ARG_OUTOFRANGE,
             "No journal has generation %" PRId64 " and group %" PRId32 ": both must be >= 0",
             name.generation, name.group);
  if (name.group >= 0) {
    n = snprintf(path, QUEUE_PATH_MAX, "%s/journal.%" PRId64 ".%" PRId32, directory,
                 name.generation, name.group);
  } else {
    n = snprintf(path, QUEUE_PATH_MAX, "%s/journal.%" PRId64 ".%s", directory, name.generation,
                 name.group == QUEUE_GROUP_BASE ? "base" : "base.tmp");
  }
  PetscCheck(n >= 0 && n < QUEUE_PATH_MAX, PETSC_COMM_SELF, PETSC_ERR_ARG_OUTOFRANGE,
             "Path of a journal is longer than %d bytes: %.60s...", QUEUE_PATH_MAX - 1, directory);
  PetscFunctionReturn(0);
}

/* Decimal without sign or leading zero, at most `limit`. Returns what follows or NULL. */
static const char *parse_number(const char *text, int64_t limit, int64_t *value)
{
  const char *p = text;

  *value = 0;
  for (; *p >= '0' && *p <= '9'; p++) {
    if (*value > (limit - (*p - '0')) / 10) return NULL;
    *value = 10 * *value + (*p - '0');
  }
  return p == text || (text[0] == '0' && p - text > 1) ? NULL : p;
}

PetscBool queue__parse_name(const char *text, queue__name *name)
{
  int64_t group;

  if (strncmp(text, "journal.", 8)) return PETSC_FALSE;
  text = parse_number(text + 8, INT64_MAX - 1, &name->generation);
  if (!text || *text != '.') return PETSC_FALSE;
  text++;
  if (!strcmp(text, "base")) {
    name->group = QUEUE_GROUP_BASE;
    return PETSC_TRUE;
  }
  if (!strcmp(text, "base.tmp")) {
    name->group = QUEUE_GROUP_TMP;
    return PETSC_TRUE;
  }
  text = parse_number(text, INT32_MAX, &group);
  if (!text || *text) return PETSC_FALSE;
  name->group = (int32_t)group;
  return PETSC_TRUE;
}

void queue__encode_file(queue__name name, unsigned char h[QUEUE_FILE_HEADER])
{
  const uint32_t mark = ORDER_MARK;
  const int32_t group = name.group >= 0 ? name.group : QUEUE_GROUP_BASE;

  memcpy(h, file_magic, 8);
  put(h + 8, VERSION, 4);
  memcpy(h + 12, &mark, 4);
  put(h + 16, (uint64_t)name.generation, 8);
  put(h + 24, (uint64_t)group, 4);
  put(h + 28, crc(h, 28), 4);
}

queue__header queue__decode_file(const unsigned char h[QUEUE_FILE_HEADER], queue__name name,
                                 uint32_t *found)
{
  const unsigned char *p = h + 28;
  unsigned char want[QUEUE_FILE_HEADER];
  uint32_t mark;

  *found = VERSION;
  if (memcmp(h, file_magic, 8) || get(&p, 4) != crc(h, 28)) return QUEUE_HEADER_DAMAGED;
  p = h + 8;
  *found = (uint32_t)get(&p, 4);
  if (*found != VERSION) return QUEUE_HEADER_VERSION;
  memcpy(&mark, h + 12, 4);
  if (mark != ORDER_MARK) return QUEUE_HEADER_ORDER;
  queue__encode_file(name, want);
  return memcmp(h, want, QUEUE_FILE_HEADER) ? QUEUE_HEADER_NAME : QUEUE_HEADER_GOOD;
}

const char *queue__invalid_field(const queue_record *record)
{
  const int kind = (int)record->kind;

  if (kind < QUEUE_RECORD_CAMPAIGN || kind > QUEUE_RECORD_CRASHED) return "kind";
  if (record->replica < 0) return "replica";
  if (record->stage < 0) return "stage";
  if (record->done < 0) return "done";
  if (record->total < 0) return "total";
  if (PetscIsInfOrNanReal(record->seconds) || record->seconds < 0.0) return "seconds";
  if (record->size > QUEUE_PAYLOAD_MAX) return "size";
  return NULL;
}

size_t queue__encode_record(const queue_record *record, unsigned char out[])
{
  unsigned char *p = out;
  uint64_t seconds;

  memcpy(&seconds, &record->seconds, 8);
  memcpy(p, record_magic, 4);
  p = put(p + 4, VERSION, 2);
  p = put(p, (uint64_t)record->kind, 2);
  memcpy(p, record->key.byte, QUEUE_KEY_SIZE);
  p = put(p + QUEUE_KEY_SIZE, (uint64_t)record->replica, 4);
  p = put(p, (uint64_t)record->stage, 4);
  p = put(p, (uint64_t)record->origin, 8);
  p = put(p, (uint64_t)record->done, 8);
  p = put(p, (uint64_t)record->total, 8);
  p = put(p, (uint64_t)record->status, 4);
  p = put(p, seconds, 8);
  p = put(p, record->size, 8);
  p = put(p, crc(out, CRC_AT), 4);
  if (record->size) memcpy(p, record->payload, (size_t)record->size);
  put(p + record->size, record_crc(out, record->size, p), 4);
  return QUEUE_RECORD_EXTRA + (size_t)record->size;
}

PetscBool queue__decode_record(const unsigned char h[QUEUE_RECORD_HEADER], queue_record *record)
{
  const unsigned char *p = h + CRC_AT;
  uint64_t seconds;

  if (memcmp(h, record_magic, 4) || get(&p, 4) != crc(h, CRC_AT)) return PETSC_FALSE;
  p = h + 4;
  if (get(&p, 2) != VERSION) return PETSC_FALSE;
  record->kind = (queue_record_kind)get(&p, 2);
  memcpy(record->key.byte, p, QUEUE_KEY_SIZE);
  p += QUEUE_KEY_SIZE;
  record->replica = (int32_t)as_signed(get(&p, 4), 4);
  record->stage = (int32_t)as_signed(get(&p, 4), 4);
  record->origin = as_signed(get(&p, 8), 8);
  record->done = as_signed(get(&p, 8), 8);
  record->total = as_signed(get(&p, 8), 8);
  record->status = (int32_t)as_signed(get(&p, 4), 4);
  seconds = get(&p, 8);
  memcpy(&record->seconds, &seconds, 8);
  record->size = get(&p, 8);
  record->payload = NULL;
  return (PetscBool)(queue__invalid_field(record) == NULL);
}

PetscBool queue__payload_fits(const unsigned char h[QUEUE_RECORD_HEADER], uint64_t size,
                              const unsigned char payload[])
{
  const unsigned char *p = payload + size;

  return (PetscBool)(get(&p, 4) == record_crc(h, size, payload));
}
