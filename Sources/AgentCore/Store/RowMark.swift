import AWSCore
import FoundationEssentials
import GRDB

/// The checksum that a row carries of itself: a flipped bit in a name or an amount is noticed, not counted as another's.
///
/// SQLite computes it whenever it writes the row, since it is a stored generated column; a trigger refuses to change a row
/// whose checksum is wrong, so that damage is never signed anew. Reading the rows needs no such function: other programs
/// may read the store, and only this one can write it. Of a blob the last four bytes go in, which are its own checksum.
enum RowMark {
    static let column = "mark"

    static let function = DatabaseFunction("tidemark_mark", pure: true) { of($0) }

    /// CRC-32 of the values, each with its kind and length.
    static func of(_ values: some Sequence<DatabaseValue>) -> Int64 {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        for value in values {
            switch value.storage {
            case .null: bytes.append(0)
            case .int64(let number):
                bytes.append(1)
                append(UInt64(bitPattern: number), to: &bytes)
            case .double(let number):
                bytes.append(2)
                append(number.bitPattern, to: &bytes)
            case .string(let text):
                bytes.append(3)
                append(UInt64(text.utf8.count), to: &bytes)
                bytes.append(contentsOf: text.utf8)
            case .blob(let data):
                bytes.append(4)
                bytes.append(contentsOf: data.suffix(4))
            }
        }
        return Int64(CRC32.checksum(bytes))
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    // MARK: SQL

    /// The column, to stand behind a table's others.
    static func definition(_ table: String) -> String {
        "\(column) INTEGER NOT NULL AS (\(expression(table))) STORED"
    }

    /// Keeps a damaged row from being changed.
    static func trigger(_ table: String) -> String {
        """
        CREATE TRIGGER \(table)Sound BEFORE UPDATE ON \(table)
        WHEN OLD.\(column) <> \(expression(table, row: "OLD.")) BEGIN SELECT RAISE(ABORT, 'damaged'); END;
        """
    }

    /// Whether a row is what it was when it was written.
    static func isSound(_ table: String) -> String { "\(table).\(column) = \(expression(table, row: table + "."))" }

    /// All of a table, for `Row.checked()`.
    static func select(_ table: String) -> String { "SELECT *, \(isSound(table)) AS isSound FROM \(table)" }

    private static func expression(_ table: String, row: String = "") -> String {
        let columns = StoreSchema.columns(of: table).map { name in
            StoreSchema.blobColumns.contains(name) ? "substr(\(row)\(name), -4)" : row + name
        }
        return "tidemark_mark(\(columns.joined(separator: ", ")))"
    }

    static let damage = DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row is not what its checksum says")
}

extension Row {
    /// The row, read by `RowMark.select`, if it is what was written.
    func checked() throws -> Row {
        guard self["isSound"] else { throw RowMark.damage }
        return self
    }
}

extension Configuration {
    /// With the function that the tables' checksums are made by.
    static var store: Configuration {
        var configuration = Configuration()
        configuration.prepareDatabase { $0.add(function: RowMark.function) }
        return configuration
    }
}
