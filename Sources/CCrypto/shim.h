// Only what Swift cannot call itself, each with its reason.
#ifndef TIDEMARK_CCRYPTO_SHIM_H
#define TIDEMARK_CCRYPTO_SHIM_H

// The low-level hash calls are marked deprecated since OpenSSL 3.0, though they are neither removed nor slower: the EVP
// interface, which replaces them, costs five times as much on a message of a hundred bytes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <stddef.h>

// Wrapped so that the deprecation mark, which Swift would read from the declaration, stays on this side.
// None of the three can fail: they return 1, always.
static inline void tidemark_sha256_init(SHA256_CTX *context) { SHA256_Init(context); }

// As above.
static inline void tidemark_sha256_update(SHA256_CTX *context, const void *bytes, size_t count) {
    SHA256_Update(context, bytes, count);
}

// As above.
static inline void tidemark_sha256_final(unsigned char *digest, SHA256_CTX *context) {
    SHA256_Final(digest, context);
}

// As above; SHA-1 names files of AWS's SSO cache.
static inline void tidemark_sha1(const unsigned char *bytes, size_t count, unsigned char *digest) {
    SHA1(bytes, count, digest);
}

// `environ` is a mutable global of C, which Swift 6 refuses to read. (Here because AWSCore is its only reader.)
extern char **environ;
static inline char **tidemark_environment(void) { return environ; }

#endif
