/* tests/unit/md/test_md_domain.c - bricks tile the cell, own every atom and share the work */
#include "md/md_domain.h"
#include "tests/support/expect.h"
#include "tests/support/random.h"

static const char help[] = "Cuts of a cell among ranks\n";

enum { N = 6000 };

static PetscReal s[3 * N], weight[N];

/* Uniform in x and y; z: `filled` of the cell, or everywhere for 1. */
static void scatter(PetscReal filled, uint64_t seed)
{
  random_stream stream = {.state = seed};

  for (int i = 0; i < N; i++) {
    for (int k = 0; k < 3; k++) s[3 * i + k] = random_uniform(&stream);
    s[3 * i + 2] *= filled;
    weight[i] = 1.0 + floor(60.0 * random_uniform(&stream));
  }
}

static void check_bricks(const md__domain *domain)
{
  PetscReal volume = 0.0;

  for (PetscMPIInt r = 0; r < domain->size; r++) {
    PetscReal product = 1.0;

    for (int k = 0; k < 3; k++) product *= domain->high[3 * r + k] - domain->low[3 * r + k];
    expect(product > 0.0, "a brick has a volume");
    volume += product;
  }
  expect_abs(volume, 1.0, 1e-12, "bricks fill the cell");
}

/* Heaviest rank over the mean. */
static PetscReal unevenness(const md__domain *domain, const PetscReal w[])
{
  PetscReal *share = calloc((size_t)domain->size, sizeof(*share)), total = 0.0, top = 0.0;

  for (int i = 0; i < N; i++) {
    const PetscMPIInt r = md__domain_owner(domain, s + 3 * i);

    for (int k = 0; k < 3; k++) {
      expect(s[3 * i + k] >= domain->low[3 * r + k] && s[3 * i + k] < domain->high[3 * r + k],
             "the owner's brick holds the atom");
    }
    share[r] += w ? w[i] : 1.0;
    total += w ? w[i] : 1.0;
  }
  for (PetscMPIInt r = 0; r < domain->size; r++) top = fmax(top, share[r]);
  free(share);
  return top * (PetscReal)domain->size / total;
}

static void cuts_share_the_work(void **state)
{
  static const PetscMPIInt sizes[] = {1, 2, 3, 4, 5, 7, 8, 12, 31, 64};
  const PetscReal edge[3] = {20.0, 30.0, 100.0};

  (void)state;
  for (int f = 0; f < 2; f++) {
    scatter(f ? 0.2 : 1.0, 5);
    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
      for (int weighted = 0; weighted < 2; weighted++) {
        const PetscReal *w = weighted ? weight : NULL;
        md__domain domain;

        expect_ok(md__domain_create(sizes[k], &domain));
        expect_ok(md__domain_cut(PETSC_COMM_SELF, N, s, w, edge, &domain));
        check_bricks(&domain);
        /* a cut falls between two atoms: each of the depths is off by at most one of 60 / 30 */
        expect(unevenness(&domain, w) <=
                   1.0 + 2.0 * (weighted ? 2.0 : 1.0) * sizes[k] * ceil(log2(sizes[k] + 1.0)) / N,
               "equal work");
        expect_ok(md__domain_clear(&domain));
      }
    }
  }
}

/* The first cut is across the longest edge. */
static void long_cells_are_cut_short(void **state)
{
  const PetscReal edge[3] = {20.0, 30.0, 100.0};
  md__domain domain;

  (void)state;
  scatter(1.0, 9);
  expect_ok(md__domain_create(2, &domain));
  expect_ok(md__domain_cut(PETSC_COMM_SELF, N, s, NULL, edge, &domain));
  assert_int_equal(domain.axis[1], 2);
  expect_abs(domain.at[1], 0.5, 0.03, "in the middle");
  expect_ok(md__domain_clear(&domain));
}

/* Nobody to share, or everybody in one place: bricks all the same. */
static void nobody(void **state)
{
  const PetscReal edge[3] = {10.0, 10.0, 10.0};
  md__domain domain;

  (void)state;
  expect_ok(md__domain_create(6, &domain));
  expect_ok(md__domain_cut(PETSC_COMM_SELF, 0, s, NULL, edge, &domain));
  check_bricks(&domain);
  for (int k = 0; k < 3 * N; k++) s[k] = 0.25;
  expect_ok(md__domain_cut(PETSC_COMM_SELF, N, s, NULL, edge, &domain));
  check_bricks(&domain);
  expect(unevenness(&domain, NULL) <= 6.0, "one rank has all");
  expect_ok(md__domain_clear(&domain));
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(cuts_share_the_work),
                                     cmocka_unit_test(long_cells_are_cut_short),
                                     cmocka_unit_test(nobody)};

  return expect_main(argc, argv, help, tests);
}
