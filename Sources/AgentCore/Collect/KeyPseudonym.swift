import AWSCore
import Glibc

/// Names keys by HMAC-SHA256 under a secret of this host, so that a name cannot be turned back into its key by trying keys.
struct KeyPseudonym: Sendable {
    static let fileName = "hotkey.secret"
    private static let secretBytes = KeyName.minimumSecretBytes
    private let secret: [UInt8]
    /// What a person should know of how the secret was come by; nil where there is nothing.
    private(set) var warning: String?

    init(secret: [UInt8]) { self.secret = secret }

    /// Reads the secret from the data directory, or makes it there with mode 0600.
    init(dataDirectory: String) throws(AgentError) {
        let path = dataDirectory + "/" + Self.fileName
        if let bytes = FileSystem.read(path, maximumBytes: 4_096) {
            if bytes.count >= Self.secretBytes {
                secret = bytes
                return
            }
            warning = Self.setAside(path)
        } else if errno != ENOENT {
            throw AgentError(
                code: .directory, message: "\(path): the secret cannot be read: \(FileSystem.reason(errno)).")
        }
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<Self.secretBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        guard Self.write(bytes, to: path) else {
            throw AgentError(
                code: errno == ENOSPC ? .diskFull : .directory,
                message:
                    "\(path): the secret cannot be written: \(FileSystem.reason(errno)); make room or give this user the right."
            )
        }
        secret = bytes
    }

    /// A secret that is too short to be one hinders no start.
    private static func setAside(_ path: String) -> String {
        let aside = path + ".short"
        // What cannot be renamed is replaced all the same, or the writing says why not.
        let outcome = rename(path, aside) == 0 ? "is set aside as \(aside)" : "is replaced"
        return
            "\(path): this secret is shorter than \(secretBytes) bytes; it \(outcome) and a new one is made: hot keys have new names "
            + "from now on."
    }

    /// Writes the secret again where its file was deleted, so that keys keep their names after a restart.
    func restore(in dataDirectory: String) {
        let path = dataDirectory + "/" + Self.fileName
        if !FileSystem.exists(path) { _ = Self.write(secret, to: path) }
    }

    /// Whole or not there: an agent that is killed half way through must be able to start again.
    private static func write(_ secret: [UInt8], to path: String) -> Bool {
        let fresh = path + ".new"
        unlink(fresh)
        return FileSystem.writeNew(fresh, secret) && rename(fresh, path) == 0
    }

    /// 32 hexadecimal digits, as `KeyName` makes them.
    func name(hash: UInt64, text: String) -> String { KeyName.make(secret: secret, hash: hash, text: text) }
}
