/* Garita driver ABI: what every header of it stands on.
 *
 * The ABI is plain C99, little-endian, 64-bit, without hidden padding. Values are fixed-width integers, floats and
 * pointers; nothing of C++ and nothing of one operating system crosses it. Within a major version only appends happen:
 * tables, event bodies and call parameters start with struct_size and grow at the end; arrays carry the size of their
 * elements. A reader takes min(its own size, the given size) bytes and treats what lies beyond as zero.
 */
#ifndef GARITA_ABI_H
#define GARITA_ABI_H

#include <stdint.h>

/* Calling convention and export marker. Both are empty on Linux but for visibility; they exist so that the same
 * headers serve other systems. */
#if defined(_WIN32)
#define GARITA_CALL __cdecl
#define GARITA_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define GARITA_CALL
#define GARITA_EXPORT __attribute__((visibility("default")))
#else
#define GARITA_CALL
#define GARITA_EXPORT
#endif

#ifdef __cplusplus
#define GARITA_BEGIN_C extern "C" {
#define GARITA_END_C }
#else
#define GARITA_BEGIN_C
#define GARITA_END_C
#endif

/* version = major << 16 | minor. */
#define GARITA_ABI_VERSION(major, minor) (((uint32_t)(major) << 16) | (uint32_t)(minor))
#define GARITA_ABI_1_0 GARITA_ABI_VERSION(1, 0)
#define GARITA_ABI_MIN GARITA_ABI_1_0    /* the oldest version these headers can speak */
#define GARITA_ABI_LATEST GARITA_ABI_1_0 /* the newest */

/* Freezes a size or an offset: a wrong one is a compile error. (_Static_assert is C11; an array of negative length is an
 * error in C99 too, and an extern declaration may be repeated.) */
#ifdef __cplusplus
#define GARITA_FROZEN(condition) static_assert(condition, "the ABI is frozen")
#else
#define GARITA_FROZEN(condition) extern char garita_abi_is_frozen[(condition) ? 1 : -1]
#endif

#endif
