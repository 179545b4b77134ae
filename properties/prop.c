/* properties/prop.c */
typedef int prop_begun;
