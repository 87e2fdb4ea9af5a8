#if os(Linux)
    import Foundation
    import Glibc

    /// A tmpfs of a test's own, unmounted when the value goes away; only root can have one.
    public final class SmallFileSystem {
        /// Where it is mounted.
        public let path: String

        /// Mounts one of that size; nil where this user may not.
        public init?(bytes: Int, isReadOnly: Bool = false) {
            var template = Array("/tmp/tidemark-tmpfs-XXXXXX".utf8CString)
            guard geteuid() == 0, mkdtemp(&template) != nil else { return nil }
            path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let flags = isReadOnly ? UInt(MS_RDONLY) : 0
            guard mount("tidemark-test", path, "tmpfs", flags, "size=\(bytes),mode=0700") == 0 else {
                rmdir(path)
                return nil
            }
        }

        deinit {
            umount2(path, Int32(MNT_DETACH))
            rmdir(path)
        }

        /// What is free now.
        public var freeBytes: Int {
            var facts = statvfs()
            statvfs(path, &facts)
            return Int(facts.f_bavail) * Int(facts.f_frsize)
        }

        /// Leaves no more than so many bytes.
        public func fill(leaving bytes: Int = 0) {
            let file = open("\(path)/filler", O_WRONLY | O_CREAT, 0o600)
            // Whoever else takes space between the question and the allocation makes the whole of it fail.
            var size: off_t = 0
            while freeBytes > bytes {
                let wanted = off_t(freeBytes - bytes)
                if posix_fallocate(file, size, wanted) == 0 { size += wanted }
            }
            close(file)
        }

        /// Gives the room back that `fill` took.
        public func free() { unlink("\(path)/filler") }

        /// Mounts it again with other options; whether the kernel did.
        public func remount(_ options: String, _ flags: Int) -> Bool {
            mount("tidemark-test", path, "tmpfs", UInt(MS_REMOUNT) | UInt(flags), options) == 0
        }

        /// Whether this user can have one.
        public static let isPossible = SmallFileSystem(bytes: 1 << 20) != nil
    }
#endif
