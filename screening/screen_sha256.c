/* screening/screen_sha256.c - nettle's SHA-256 behind three calls */
#include "screening/screen_sha256.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdint.h>
#include <stdio.h>

_Static_assert(SCREEN_SHA256_SIZE == SHA256_DIGEST_SIZE, "a digest has 32 bytes");

void screen_sha256(const void *data, size_t size, unsigned char digest[SCREEN_SHA256_SIZE])
{
  struct sha256_ctx hash;

  sha256_init(&hash);
  sha256_update(&hash, size, data);
  sha256_digest(&hash, SHA256_DIGEST_SIZE, digest);
}

void screen_sha256_hex(const unsigned char digest[SCREEN_SHA256_SIZE], char hex[65])
{
  static const char digits[] = "0123456789abcdef";

  for (int i = 0; i < SCREEN_SHA256_SIZE; i++) {
    hex[2 * i] = digits[digest[i] >> 4];
    hex[2 * i + 1] = digits[digest[i] & 15];
  }
  hex[64] = '\0';
}

PetscErrorCode screen_sha256_file(const char *path, char hex[65], int *error)
{
  unsigned char block[4096], digest[SCREEN_SHA256_SIZE];
  struct sha256_ctx hash;
  size_t size;
  FILE *in;

  PetscFunctionBegin;
  errno = 0;
  hex[0] = '\0';
  in = fopen(path, "rb");
  *error = in ? 0 : errno;
  if (!in) PetscFunctionReturn(0);
  sha256_init(&hash);
  while ((size = fread(block, 1, sizeof(block), in)) > 0) sha256_update(&hash, size, block);
  if (ferror(in)) *error = errno ? errno : EIO;
  fclose(in);
  sha256_digest(&hash, SHA256_DIGEST_SIZE, digest);
  if (!*error) screen_sha256_hex(digest, hex);
  PetscFunctionReturn(0);
}
