/* fmu_table.h - a table of functions on a grid, read from a text file, with analytic derivatives
 *
 * This folder is the code inside exported FMUs: C11, libc and libm, nothing of the rest of the
 * program, no static variables, so that instances in several threads do not meet.
 *
 * The grid is the product of axes: composition (any number), pressure, temperature, in this order;
 * the last runs fastest.  Every function has at each node a value and a standard error, or a hole.
 *
 * Between nodes a function is linear along composition and pressure and a cubic along temperature:
 *
 *   f(x,T) = sum_c W_c(x) H_c(T),     W_c the multilinear weights of the corners around x,
 *   H_c    piecewise cubic Hermite in T with the slopes of Fritsch and Butland (SIAM J. Sci. Stat.
 *          Comput. 5 (1984) 300, doi:10.1137/0905021) and three-point slopes at the ends, limited
 *          so that H_c stays monotone where its numbers are.
 *
 * H_c is C1, has no overshoot (positive numbers stay positive) and is made run by run: a hole ends
 * a run.  The error is the root of the variances weighted alike, u^2 = sum_n w_n u_n^2 with w_n the
 * multilinear weights in all axes: never below the smallest error around.  Outside the table w_n^2
 * takes the place of a factor that has left 0..1, so that the error grows as extrapolation says.
 *
 * A function with a compressibility kappa (another function; the axis of pressure then has one
 * value p0) is f (1 + kappa (p - p0)), with the error by propagation.
 *
 * Text: words between white space; '#' begins a comment where a word could begin.
 *
 *   liquidus-fmu-table 1
 *   token TOKEN                      the FMU's instantiation token
 *   axes N
 *   axis COUNT REACH START NAME      then COUNT rising numbers; REACH: how far a single value holds
 *   functions N
 *   function KAPPA ERRORS NAME       KAPPA: index of the compressibility or -1; ERRORS: 0 or 1;
 *                                    then value and error of each node; "-": none
 *   crc XXXXXXXX                     CRC-32 (ISO 3309) of all bytes before this last line
 *
 * Verified by: tests/unit/screening/test_fmu_table.c, tests/system/export_fmu.sh */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where all files are one translation unit (sources inside an FMU) nothing but FMI is visible. */
#ifndef FMU_LOCAL
#define FMU_LOCAL
#endif

enum { FMU_MAX_AXES = 8, FMU_NAME = 128, FMU_TOKEN = 64, FMU_MESSAGE = 512 };
/* What is done with arguments outside the table. */
typedef enum { FMU_POLICY_ERROR = 1, FMU_POLICY_CLAMP = 2, FMU_POLICY_LINEAR = 3 } fmu_policy;

typedef struct {
  char name[FMU_NAME];
  int n;
  double reach, start;
  double *knot; /* [n] rising */
  size_t stride;
} fmu_axis;

typedef struct {
  char name[FMU_NAME];
  int compressibility; /* function, or -1 */
  bool uncertain;
  double *value, *slope, *variance; /* [nnode] NaN: none; slope is d/dT */
} fmu_function;

typedef struct {
  char token[FMU_TOKEN];
  int naxis, nfunction;
  size_t nnode;
  fmu_axis axis[FMU_MAX_AXES];
  fmu_function *function;
} fmu_table;

/* What is known at a place. */
enum { FMU_HAS_VALUE = 1, FMU_HAS_ERROR = 2, FMU_HAS_DVALUE = 4, FMU_HAS_DERROR = 8 };
typedef struct {
  int has;
  double value, error;
  double dvalue[FMU_MAX_AXES], derror[FMU_MAX_AXES]; /* partial derivatives by the axes */
} fmu_result;

/* fmu_table_parse, fmu_table_read - of a text in memory, of a file
 *
 * In:   text  [size] bytes
 * Out:  message  [FMU_MESSAGE] what is wrong
 * Returns NULL for a text that is not as described above, a damaged one, or without memory.
 * Numbers are read as in the C locale whatever the process has set. */
FMU_LOCAL fmu_table *fmu_table_parse(const char *text, size_t size, char message[]);
FMU_LOCAL fmu_table *fmu_table_read(const char *path, char message[]);
/* NULL is harmless. */
FMU_LOCAL void fmu_table_free(fmu_table *table);

FMU_LOCAL uint32_t fmu_crc32(const char *text, size_t size);

/* fmu_table_outside - the first axis that x [naxis] is outside of, by more than 1e-9 of its range;
 * -1: none.  low, high: the limits of that axis. */
FMU_LOCAL int fmu_table_outside(const fmu_table *table, const double x[], double *low,
                                double *high);

/* fmu_table_at - function f at x [naxis]
 *
 * All of x are finite.  Outside the table FMU_POLICY_ERROR does as FMU_POLICY_CLAMP; who refuses
 * asks fmu_table_outside().  Out: result, of which `has` says what is there: a value is not where a
 * node it hangs on is a hole. */
FMU_LOCAL void fmu_table_at(const fmu_table *table, int f, const double x[], fmu_policy policy,
                            fmu_result *result);
