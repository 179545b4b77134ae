/* screening/screen_sha256.h - SHA-256 (FIPS 180-4): keys of state points, identity of files */
#pragma once

#include <petscsys.h>
#include <stddef.h>

enum { SCREEN_SHA256_SIZE = 32 };

/* Verified by: tests/unit/screening/test_screen_sha256.c (the vectors of FIPS 180-4) */
void screen_sha256(const void *data, size_t size, unsigned char digest[SCREEN_SHA256_SIZE]);
/* 64 lower-case digits and a zero. */
void screen_sha256_hex(const unsigned char digest[SCREEN_SHA256_SIZE], char hex[65]);

/* screen_sha256_file - of a file's bytes
 * Returns 0 and *error = 0, or 0 and *error = errno when the file cannot be read. */
PetscErrorCode screen_sha256_file(const char *path, char hex[65], int *error);
