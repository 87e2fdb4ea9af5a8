// What a caller of the client names: with these `import Tidemark` is enough. The names of HTTP, which other packages use too, stay
// in AWSCore, for whoever writes a transport of his own.
@_exported public import struct AWSCore.AWSConfigurationError
@_exported public import struct AWSCore.AWSEndpoint
@_exported public import struct AWSCore.AWSFailure
@_exported public import struct AWSCore.CallHooks
@_exported public import struct AWSCore.CircuitPolicy
@_exported public import protocol AWSCore.CredentialProvider
@_exported public import struct AWSCore.Credentials
@_exported public import struct AWSCore.EnvironmentCredentials
@_exported public import enum AWSCore.FailureClass
@_exported public import struct AWSCore.FetchedCredentials
@_exported public import struct AWSCore.Hedging
@_exported public import class AWSCore.RefreshingCredentials
@_exported public import struct AWSCore.RetryCosts
@_exported public import enum AWSCore.RetryEnd
@_exported public import enum AWSCore.RetryKind
@_exported public import enum AWSCore.RetryMode
@_exported public import struct AWSCore.RetryPolicy
@_exported public import enum AWSCore.RetryRules
@_exported public import struct AWSCore.StaticCredentials
@_exported public import struct AWSCore.ThrottleDetail
@_exported public import enum AWSCore.ThrottleReason
@_exported public import enum AWSCore.TimeoutKind
@_exported public import struct AWSCore.Timeouts
@_exported public import struct AWSCore.Timestamp
