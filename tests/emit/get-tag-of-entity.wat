  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $condition_0 (param $frame i32) (result i32)
    (local i32 i32)
    (if (result i32) ;; label = @1
      (if (result i32) ;; label = @1
        (i32.ne
          (i32.load offset=132
            (local.get $frame))
          (i32.const 0))
        (then
          (i32.ne
            (call $tag
              (i32.add
                (select
                  (i32.add
                    (local.tee 1
                      (i32.load offset=132
                        (local.get $frame)))
                    (local.get $frame))
                  (i32.const 0)
                  (local.get 1))
                (i32.const 40))
              (i32.const 24)
              (i32.const 1024))
            (i32.const 0)))
        (else
          (i32.const 0)))
      (then
        (local.set 2
          (call $tag
            (i32.add
              (i32.add
                (i32.load offset=132
                  (local.get $frame))
                (local.get $frame))
              (i32.const 40))
            (i32.const 24)
            (i32.const 1024)))
        (if ;; label = @2
          (i32.eqz
            (local.tee 1
              (call $directory
                (local.get $frame)
                (i64.load
                  (local.get 2))
                (i64.load offset=8
                  (local.get 2)))))
          (then
            (return
              (i32.const 65792))))
        (i32.load8_u offset=256
          (local.get 1)))
      (else
        (i32.const 0)))
  )
  (func $list_0 (param $frame i32) (param $out i32)
    (local i32)
  )
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (local.tee 2
        (call $condition_0
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 2))))
  )
  (data (;0;) (i32.const 1024) "\10\00\00\00\04\00\00\00\08\00\00\00\00\00\00\00lead\00\00\00\00")
