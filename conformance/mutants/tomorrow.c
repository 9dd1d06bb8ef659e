/* One function of a library that no system has yet (kit.cmake). */
int garita_of_tomorrow(void);
int garita_of_tomorrow(void) { return 2099; }
