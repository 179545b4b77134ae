/* mtp/mtp_diag.c */
typedef int mtp_diag_begun;
