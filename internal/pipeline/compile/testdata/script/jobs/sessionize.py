from awsglue.utils import getResolvedOptions
